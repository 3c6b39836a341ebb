# pip install pika
import os
import uuid

import pika

connection = pika.BlockingConnection(pika.URLParameters(os.environ["@URL@"]))
channel = connection.channel()
channel.confirm_delivery()

queue = f"notes-{uuid.uuid4().hex}"
channel.queue_declare(queue, exclusive=True)
channel.basic_publish(exchange="", routing_key=queue, body="hello from Python", mandatory=True)
_, _, body = channel.basic_get(queue, auto_ack=True)
channel.queue_delete(queue)
connection.close()

print(f"ok: received '{body.decode()}' from RabbitMQ")
