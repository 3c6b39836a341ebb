# pip install openai
import os

from openai import OpenAI

with OpenAI(base_url=os.environ["@BASE@"] + "openai/v1/", api_key=os.environ["@KEY@"]) as client:
    models = [model.id for model in client.models.list()]

print(f"ok: {len(models)} models at {client.base_url}")
