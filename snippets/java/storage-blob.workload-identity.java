// Maven: com.azure:azure-storage-blob com.azure:azure-identity
import com.azure.core.util.BinaryData;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.storage.blob.BlobServiceClientBuilder;
import java.util.UUID;

public class StorageBlob {
    public static void main(String[] args) {
        var service = new BlobServiceClientBuilder()
            .endpoint(System.getenv("@RESOURCEENDPOINT@"))
            // Signs in as the pod's ServiceAccount.
            .credential(new DefaultAzureCredentialBuilder().build())
            .buildClient();
        var container = service.createBlobContainer("greeting-" + UUID.randomUUID());
        try {
            var blob = container.getBlobClient("greeting.txt");
            blob.upload(BinaryData.fromString("hello"));
            System.out.println("ok: read '" + blob.downloadContent() + "' from container "
                + container.getBlobContainerName());
        } finally {
            container.delete();
        }
    }
}
