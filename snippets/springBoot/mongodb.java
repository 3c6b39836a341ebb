// Maven: org.springframework.boot:spring-boot-starter-data-mongodb
package greeting;

import java.util.UUID;
import org.bson.Document;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.data.mongodb.core.MongoTemplate;

@SpringBootApplication
public class Greeting implements CommandLineRunner {
    private final MongoTemplate mongo;

    Greeting(MongoTemplate mongo) {
        this.mongo = mongo;
    }

    public static void main(String[] args) {
        SpringApplication.run(Greeting.class, args).close();
    }

    @Override
    public void run(String... args) {
        // spring.data.mongodb.uri and .database are read by Spring Boot itself.
        String collection = "greeting_" + UUID.randomUUID();
        mongo.insert(new Document("_id", 1).append("text", "hello"), collection);
        try {
            String text = mongo.findById(1, Document.class, collection).getString("text");
            System.out.println("ok: read '" + text + "' from collection " + collection);
        } finally {
            mongo.dropCollection(collection);
        }
    }
}
