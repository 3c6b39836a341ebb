// npm install amqplib
const { randomUUID } = require("node:crypto");
const amqp = require("amqplib");

async function main() {
  const connection = await amqp.connect(process.env["@URL@"]);
  const channel = await connection.createConfirmChannel();

  const queue = `notes-${randomUUID()}`;
  await channel.assertQueue(queue, { exclusive: true });
  channel.sendToQueue(queue, Buffer.from("hello from Node.js"));
  await channel.waitForConfirms();
  const message = await channel.get(queue, { noAck: true });
  await channel.deleteQueue(queue);
  await connection.close();

  console.log(`ok: received '${message.content}' from RabbitMQ`);
}

main();
