# pip install PyMySQL cryptography
import os
import ssl
import uuid

import pymysql

connection = pymysql.connect(
    host=os.environ["@HOST@"],
    port=int(os.environ.get("@PORT?@", "3306")),
    database=os.environ["@NAME@"],
    user=os.environ["@USER@"],
    password=os.environ["@PASSWORD@"].encode(),  # PyMySQL sends a str as Latin-1
    ssl=ssl.create_default_context(),
)

with connection, connection.cursor() as cursor:
    table = f"note_{uuid.uuid4().hex}"
    cursor.execute(f"CREATE TABLE {table} (id int AUTO_INCREMENT PRIMARY KEY, text varchar(100))")
    cursor.execute(f"INSERT INTO {table} (text) VALUES (%s)", ["hello from Python"])
    cursor.execute(f"SELECT text, version() FROM {table}")
    text, version = cursor.fetchone()
    cursor.execute(f"DROP TABLE {table}")

print(f"ok: read '{text}' from MySQL {version}")
