# pip install confluent-kafka
import os
import uuid

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

settings = {
    "bootstrap.servers": os.environ["@BOOTSTRAPSERVERS@"],
    "security.protocol": os.environ["@SECURITYPROTOCOL@"],
    "sasl.mechanism": os.environ["@SASLMECHANISM@"],
    "sasl.username": os.environ["@USERNAME@"],
    "sasl.password": os.environ["@PASSWORD@"],
    "ssl.ca.location": os.environ.get("SSL_CERT_FILE", "probe"),
}
topic = f"notes-{uuid.uuid4().hex}"

admin = AdminClient(settings)
admin.create_topics([NewTopic(topic, num_partitions=1)], request_timeout=30)[topic].result()

producer = Producer(settings)
producer.produce(topic, "hello from Python")
if producer.flush(30):
    raise TimeoutError("the message wasn't delivered")

consumer = Consumer(settings | {"group.id": topic, "enable.auto.commit": False})
consumer.assign([TopicPartition(topic, partition=0, offset=0)])
message = consumer.poll(30)
consumer.close()
if message is None:
    raise TimeoutError("the message didn't come back")
if message.error():
    raise KafkaException(message.error())
admin.delete_topics([topic])[topic].result()

print(f"ok: received '{message.value().decode()}' from Kafka")
