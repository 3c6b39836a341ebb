# pip install azure-keyvault-secrets azure-identity
import os

from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient

credential = ClientSecretCredential(
    tenant_id=os.environ["@TENANTID@"],
    client_id=os.environ["@CLIENTID@"],
    client_secret=os.environ["@CLIENTSECRET@"],
)

with SecretClient(os.environ["@RESOURCEENDPOINT@"], credential) as client:
    names = [secret.name for secret in client.list_properties_of_secrets()]
    if names:
        client.get_secret(names[0])

print(f"ok: {len(names)} secrets in {client.vault_url}, read {names[0] if names else 'none'}")
