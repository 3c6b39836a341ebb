// npm install @azure/storage-queue
const { randomUUID } = require("node:crypto");
const { QueueServiceClient } = require("@azure/storage-queue");

async function main() {
  const service = QueueServiceClient.fromConnectionString(process.env["@CONNECTIONSTRING@"]);

  const queue = service.getQueueClient(`notes-${randomUUID()}`);
  await queue.create();
  await queue.sendMessage("hello from Node.js");
  const { receivedMessageItems } = await queue.receiveMessages();
  await queue.delete();

  const text = receivedMessageItems[0].messageText;
  console.log(`ok: received '${text}' from Queue Storage account ${service.accountName}`);
}

main();
