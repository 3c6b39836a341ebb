# pip install django "psycopg[binary]"
import os
import uuid

import django
from django.conf import settings

settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["@NAME@"],
            "HOST": os.environ["@HOST@"],
            "PORT": os.environ.get("@PORT?@", "5432"),
            "USER": os.environ["@USER@"],
            "PASSWORD": os.environ["@PASSWORD@"],
            "OPTIONS": {"sslmode": "require"},
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

print(f"ok: read '{text}' from PostgreSQL {connection.pg_version // 10000}")
