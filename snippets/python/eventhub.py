# pip install azure-eventhub
import os
import uuid

from azure.eventhub import EventData, EventHubConsumerClient, EventHubProducerClient

connection_string = os.environ["@CONNECTIONSTRING@"]
hub = "notes"  # an event hub of the namespace
note = f"hello from Python {uuid.uuid4().hex}"

producer = EventHubProducerClient.from_connection_string(connection_string, eventhub_name=hub)
with producer:
    partition = producer.get_partition_ids()[0]
    position = producer.get_partition_properties(partition)["last_enqueued_sequence_number"]
    producer.send_event(EventData(note), partition_id=partition)

consumer = EventHubConsumerClient.from_connection_string(
    connection_string, consumer_group="$Default", eventhub_name=hub
)
received = []


def on_event(_, event):
    received.append(event.body_as_str())
    consumer.close()


consumer.receive(on_event, partition_id=partition, starting_position=position)

print(f"ok: received '{received[0]}' from event hub {hub}")
