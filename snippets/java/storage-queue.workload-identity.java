// Maven: com.azure:azure-storage-queue com.azure:azure-identity
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.storage.queue.QueueServiceClientBuilder;
import java.util.UUID;

public class StorageQueue {
    public static void main(String[] args) {
        var service = new QueueServiceClientBuilder()
            .endpoint(System.getenv("@RESOURCEENDPOINT@"))
            // Signs in as the pod's ServiceAccount.
            .credential(new DefaultAzureCredentialBuilder().build())
            .buildClient();
        var queue = service.createQueue("greeting-" + UUID.randomUUID());
        try {
            queue.sendMessage("hello");
            var message = queue.receiveMessage();
            System.out.println("ok: read '" + message.getBody() + "' from queue " + queue.getQueueName());
            queue.deleteMessage(message.getMessageId(), message.getPopReceipt());
        } finally {
            queue.delete();
        }
    }
}
