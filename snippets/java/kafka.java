// Maven: org.apache.kafka:kafka-clients
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class Kafka {
    public static void main(String[] args) throws Exception {
        Map<String, Object> settings = Map.of(
            "bootstrap.servers", System.getenv("@BOOTSTRAPSERVERS@"),
            "security.protocol", System.getenv("@SECURITYPROTOCOL@"),
            "sasl.mechanism", System.getenv("@SASLMECHANISM@"),
            "sasl.jaas.config", System.getenv("@SASLJAASCONFIG@"));
        String topic = "greeting-" + UUID.randomUUID();
        try (var admin = Admin.create(settings)) {
            admin.createTopics(List.of(new NewTopic(topic, Optional.of(1), Optional.empty()))).all().get();
            try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
                    var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
                producer.send(new ProducerRecord<>(topic, "hello")).get();
                var partitions = List.of(new TopicPartition(topic, 0));
                consumer.assign(partitions);
                consumer.seekToBeginning(partitions);
                var message = consumer.poll(Duration.ofSeconds(30)).iterator().next();
                System.out.println("ok: read '" + message.value() + "' from topic " + topic);
            } finally {
                admin.deleteTopics(List.of(topic)).all().get();
            }
        }
    }
}
