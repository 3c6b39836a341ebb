// What the client libraries themselves make of a connection string.
//
// Reads JSON lines {"format": "...", "text": "..."} and answers each with one JSON line: the fields, or {"error": "..."}.
// Nothing here takes a string apart: the library's own client is made from it, without a connection, and then asked.
const net = require("node:net");
const path = require("node:path");
const { PassThrough } = require("node:stream");
const tls = require("node:tls");

const amqp = require("amqplib");
const { Connection } = require(path.join(path.dirname(require.resolve("amqplib")), "lib/connection"));
const { BlobServiceClient } = require("@azure/storage-blob");
const { parseEventHubConnectionString } = require("@azure/event-hubs");
const { parseServiceBusConnectionString } = require("@azure/service-bus");
const { MongoClient } = require("mongodb");
const { createClient } = require("redis");

function redisUrl(text) {
  const { username, password, socket, database } = createClient({ url: text }).options;
  return { username, password, host: socket.host, port: socket.port, db: database };
}

function mongodbUrl(text) {
  const { credentials, hosts, dbName } = new MongoClient(text).options;
  return {
    username: credentials?.username,
    password: credentials?.password,
    nodelist: hosts.map(({ host, port }) => [host, port]),
    database: dbName,
  };
}

// amqplib takes the URL apart on its way to the server, so it gets sockets that lead nowhere.
// The user and the password are read from the bytes that it would send.
async function amqpUrl(text) {
  let address;
  net.connect = tls.connect = (options, connected) => {
    address = options;
    process.nextTick(connected);
    return Object.assign(new PassThrough(), { setNoDelay() {} });
  };
  const login = await new Promise((resolve, reject) => {
    Connection.prototype.open = resolve;
    amqp.connect(text).catch(reject);
  });
  const [, username, password] = login.response.toString().split("\0");
  return { username, password, host: address.host, port: address.port, virtual_host: login.virtualHost };
}

function storage(text) {
  const service = BlobServiceClient.fromConnectionString(text);
  return {
    AccountName: service.credential.accountName,
    AccountKey: service.credential.accountKey.toString("base64"),
    BlobEndpoint: service.url,
  };
}

function messaging(parts) {
  return { endpoint: parts.fullyQualifiedNamespace, key_name: parts.sharedAccessKeyName, key: parts.sharedAccessKey };
}

const formats = {
  "redis-url": redisUrl,
  "mongodb-url": mongodbUrl,
  "amqp-url": amqpUrl,
  storage,
  servicebus: (text) => messaging(parseServiceBusConnectionString(text)),
  eventhub: (text) => messaging(parseEventHubConnectionString(text)),
};

async function answer({ format, text }) {
  try {
    return await formats[format](text);
  } catch (error) {
    return { error: `${error.name}: ${error.message}` };
  }
}

// The fields that a library leaves unset are null. (`readline` would end lines at U+2028 as well.)
async function main() {
  let rest = "";
  for await (const chunk of process.stdin.setEncoding("utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const fields = await answer(JSON.parse(line));
      console.log(JSON.stringify(fields, (_, value) => value ?? null));
    }
  }
}

main();
