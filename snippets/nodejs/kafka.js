// npm install kafkajs
const { randomUUID } = require("node:crypto");
const { Kafka, logLevel } = require("kafkajs");

async function main() {
  const kafka = new Kafka({
    brokers: process.env["@BOOTSTRAPSERVERS@"].split(","),
    ssl: process.env["@SECURITYPROTOCOL@"].endsWith("SSL"),
    sasl: {
      mechanism: process.env["@SASLMECHANISM@"].toLowerCase(),
      username: process.env["@USERNAME@"],
      password: process.env["@PASSWORD@"],
    },
    logLevel: logLevel.NOTHING,
  });
  const topic = `notes-${randomUUID()}`;
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  const consumer = kafka.consumer({ groupId: topic });

  await admin.connect();
  // A broker hears of a new topic a moment later: the producer waits for that, createTopics' own waiting takes it for an error.
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: false });
  await producer.connect();
  await producer.send({ topic, messages: [{ value: "hello from Node.js" }] });

  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const text = await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error));
    consumer.run({ eachMessage: async ({ message }) => resolve(message.value.toString()) });
  });

  await Promise.all([consumer.disconnect(), producer.disconnect()]);
  await admin.deleteGroups([topic]);
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
  console.log(`ok: received '${text}' from Kafka`);
}

main();
