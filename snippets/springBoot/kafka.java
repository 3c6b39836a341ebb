// Maven: org.springframework.boot:spring-boot-starter org.springframework.kafka:spring-kafka
package greeting;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaTemplate;

@SpringBootApplication
public class Greeting implements CommandLineRunner {
    private final KafkaTemplate<String, String> kafka;
    private final KafkaAdmin kafkaAdmin;

    Greeting(KafkaTemplate<String, String> kafka, ConsumerFactory<String, String> consumers, KafkaAdmin kafkaAdmin) {
        this.kafka = kafka;
        this.kafka.setConsumerFactory(consumers);
        this.kafkaAdmin = kafkaAdmin;
    }

    public static void main(String[] args) {
        SpringApplication.run(Greeting.class, args).close();
    }

    @Override
    public void run(String... args) throws Exception {
        // spring.kafka.bootstrap-servers and spring.kafka.properties.* are read by Spring Boot itself.
        String topic = "greeting-" + UUID.randomUUID();
        kafkaAdmin.createOrModifyTopics(new NewTopic(topic, 1, (short) -1));
        try {
            var sent = kafka.send(topic, "hello").get().getRecordMetadata();
            String text = kafka.receive(topic, sent.partition(), sent.offset(), Duration.ofSeconds(30)).value();
            System.out.println("ok: read '" + text + "' from topic " + topic);
        } finally {
            try (var admin = Admin.create(kafkaAdmin.getConfigurationProperties())) {
                admin.deleteTopics(List.of(topic)).all().get();
            }
        }
    }
}
