// npm install @azure/event-hubs
const { randomUUID } = require("node:crypto");
const { EventHubConsumerClient, EventHubProducerClient } = require("@azure/event-hubs");

async function main() {
  const connectionString = process.env["@CONNECTIONSTRING@"];
  const hub = "notes"; // an event hub of the namespace
  const note = `hello from Node.js ${randomUUID()}`;

  const producer = new EventHubProducerClient(connectionString, hub);
  const [partitionId] = await producer.getPartitionIds();
  const { lastEnqueuedSequenceNumber } = await producer.getPartitionProperties(partitionId);
  await producer.sendBatch([{ body: note }], { partitionId });
  await producer.close();

  const consumer = new EventHubConsumerClient("$Default", connectionString, hub);
  const text = await new Promise((resolve, reject) => {
    const handlers = {
      processEvents: async (events) => events.length > 0 && resolve(events[0].body),
      processError: async (error) => reject(error),
    };
    consumer.subscribe(partitionId, handlers, {
      startPosition: { sequenceNumber: lastEnqueuedSequenceNumber },
    });
  });
  await consumer.close();

  console.log(`ok: received '${text}' from event hub ${hub}`);
}

main();
