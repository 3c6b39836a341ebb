// npm install @azure/service-bus
const { randomUUID } = require("node:crypto");
const { ServiceBusAdministrationClient, ServiceBusClient } = require("@azure/service-bus");

async function main() {
  const connectionString = process.env["@CONNECTIONSTRING@"];
  const administration = new ServiceBusAdministrationClient(connectionString);
  const client = new ServiceBusClient(connectionString);
  const queue = `notes-${randomUUID()}`;

  await administration.createQueue(queue);
  await client.createSender(queue).sendMessages({ body: "hello from Node.js" });
  const receiver = client.createReceiver(queue);
  const [message] = await receiver.receiveMessages(1);
  await receiver.completeMessage(message);
  await client.close();
  await administration.deleteQueue(queue);

  console.log(`ok: received '${message.body}' from Service Bus`);
}

main();
