# pip install django PyMySQL cryptography
import os
import ssl
import uuid

import django
import pymysql
from django.conf import settings

pymysql.install_as_MySQLdb()

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.mysql",
            "NAME": os.environ["@NAME@"],
            "HOST": os.environ["@HOST@"],
            "PORT": os.environ.get("@PORT?@", "3306"),
            "USER": os.environ["@USER@"],
            "PASSWORD": os.environ["@PASSWORD@"].encode(),  # PyMySQL sends a str as Latin-1
            "OPTIONS": {"ssl": ssl.create_default_context()},
        }
    },
)
django.setup()

from django.db import connection, models


class Note(models.Model):
    text = models.TextField()

    class Meta:
        app_label = "notes"
        db_table = f"note_{uuid.uuid4().hex}"


with connection.schema_editor() as schema:
    schema.create_model(Note)
Note.objects.create(text="hello from Django")
text = Note.objects.get().text
with connection.schema_editor() as schema:
    schema.delete_model(Note)

print(f"ok: read '{text}' from MySQL {'.'.join(map(str, connection.mysql_version))}")
