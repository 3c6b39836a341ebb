"""What the client libraries themselves make of a connection string.

Reads JSON lines {"format": "...", "text": "..."} and answers each with one JSON line: the fields, or {"error": "..."}.
Nothing here takes a string apart: every format goes to the function that the library's own client calls.
"""

import json
import sys

import azure.appconfiguration._utils
import azure.cosmos.cosmos_client
import azure.eventhub._client_base
import azure.servicebus._base_handler
import azure.storage.blob._shared.base_client
import pika
import psycopg.conninfo
import pymongo.uri_parser
import redis.connection


def libpq(text):
    parts = psycopg.conninfo.conninfo_to_dict(text)
    return {name: parts.get(name) for name in ("host", "port", "dbname", "user", "password")}


def redis_url(text):
    parts = redis.connection.parse_url(text)
    return {name: parts.get(name) for name in ("username", "password", "host", "port", "db")}


def storage(text):
    endpoint, _, key = azure.storage.blob._shared.base_client.parse_connection_str(text, None, "blob")
    return {"AccountName": key["account_name"], "AccountKey": key["account_key"], "BlobEndpoint": endpoint}


def mongodb_url(text):
    parts = pymongo.uri_parser.parse_uri(text)
    return {name: parts[name] for name in ("username", "password", "nodelist", "database")}


def amqp_url(text):
    parts = pika.URLParameters(text)
    return {
        "username": parts.credentials.username,
        "password": parts.credentials.password,
        "host": parts.host,
        "port": parts.port,
        "virtual_host": parts.virtual_host,
    }


def appconfig(text):
    endpoint, name, key = azure.appconfiguration._utils.parse_connection_string(text)
    return {"endpoint": endpoint, "key_name": name, "key": key}


def servicebus(text):
    endpoint, name, key, *_ = azure.servicebus._base_handler._parse_conn_str(text)
    return {"endpoint": endpoint, "key_name": name, "key": key}


def eventhub(text):
    endpoint, name, key, *_ = azure.eventhub._client_base._parse_conn_str(text)
    return {"endpoint": endpoint, "key_name": name, "key": key}


def cosmos(text):
    parts = azure.cosmos.cosmos_client._parse_connection_str(text, None)
    return {"AccountEndpoint": parts["AccountEndpoint"], "AccountKey": parts["AccountKey"]}


FORMATS = {
    "libpq": libpq,
    "redis-url": redis_url,
    "storage": storage,
    "mongodb-url": mongodb_url,
    "amqp-url": amqp_url,
    "appconfig": appconfig,
    "servicebus": servicebus,
    "eventhub": eventhub,
    "cosmos": cosmos,
}

sys.stdin.reconfigure(encoding="utf-8", newline="\n")
for line in sys.stdin:
    question = json.loads(line)
    parse = FORMATS[question["format"]]
    try:
        answer = parse(question["text"])
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
