// Maven: com.azure:azure-data-tables com.azure:azure-identity com.fasterxml.jackson.dataformat:jackson-dataformat-xml (for the error messages)
import com.azure.data.tables.TableServiceClientBuilder;
import com.azure.data.tables.models.TableEntity;
import com.azure.identity.DefaultAzureCredentialBuilder;
import java.util.UUID;

public class StorageTable {
    public static void main(String[] args) {
        var service = new TableServiceClientBuilder()
            .endpoint(System.getenv("@RESOURCEENDPOINT@"))
            // Signs in as the pod's ServiceAccount.
            .credential(new DefaultAzureCredentialBuilder().build())
            .buildClient();
        var table = service.createTable("greeting" + UUID.randomUUID().toString().replace("-", ""));
        try {
            table.createEntity(new TableEntity("greetings", "1").addProperty("text", "hello"));
            Object text = table.getEntity("greetings", "1").getProperty("text");
            System.out.println("ok: read '" + text + "' from table " + table.getTableName());
        } finally {
            table.deleteTable();
        }
    }
}
