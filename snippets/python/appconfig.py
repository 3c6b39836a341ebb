# pip install azure-appconfiguration
import os
import uuid

from azure.appconfiguration import AzureAppConfigurationClient, ConfigurationSetting

with AzureAppConfigurationClient.from_connection_string(os.environ["@CONNECTIONSTRING@"]) as client:
    key = f"note:{uuid.uuid4().hex}"
    client.set_configuration_setting(ConfigurationSetting(key=key, value="hello from Python"))
    text = client.get_configuration_setting(key).value
    client.delete_configuration_setting(key)

print(f"ok: read '{text}' from App Configuration")
