// Maven: org.mongodb:mongodb-driver-sync
import static com.mongodb.client.model.Filters.eq;

import com.mongodb.ConnectionString;
import com.mongodb.client.MongoClients;
import java.util.UUID;
import org.bson.Document;

public class MongoDb {
    public static void main(String[] args) {
        var url = new ConnectionString(System.getenv("@CONNECTIONSTRING@"));
        try (var client = MongoClients.create(url)) {
            var greetings = client.getDatabase(url.getDatabase()).getCollection("greeting_" + UUID.randomUUID());
            greetings.insertOne(new Document("_id", 1).append("text", "hello"));
            try {
                String text = greetings.find(eq("_id", 1)).first().getString("text");
                System.out.println("ok: read '" + text + "' from collection " + greetings.getNamespace());
            } finally {
                greetings.drop();
            }
        }
    }
}
