// Maven: com.rabbitmq:amqp-client
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import javax.net.ssl.SSLContext;

public class RabbitMq {
    public static void main(String[] args) throws Exception {
        var factory = new ConnectionFactory();
        factory.setUri(System.getenv("@URL@"));
        if (factory.isSSL()) {
            // The library doesn't verify the server by itself.
            factory.useSslProtocol(SSLContext.getDefault());
            factory.enableHostnameVerification();
        }
        String queue = "greeting-" + UUID.randomUUID();
        try (var connection = factory.newConnection(); var channel = connection.createChannel()) {
            channel.queueDeclare(queue, false, true, true, null);
            channel.confirmSelect();
            channel.basicPublish("", queue, MessageProperties.TEXT_PLAIN, "hello".getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(10_000);
            var message = channel.basicGet(queue, true);
            String text = new String(message.getBody(), StandardCharsets.UTF_8);
            System.out.println("ok: read '" + text + "' from queue " + queue);
            channel.queueDelete(queue);
        }
    }
}
