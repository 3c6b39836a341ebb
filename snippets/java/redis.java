// Maven: redis.clients:jedis
import java.util.UUID;
import redis.clients.jedis.RedisClient;

public class Redis {
    public static void main(String[] args) {
        String key = "greeting-" + UUID.randomUUID();
        try (var redis = RedisClient.create(System.getenv("@CONNECTIONSTRING@"))) {
            redis.set(key, "hello");
            System.out.println("ok: read '" + redis.get(key) + "' from key " + key);
            redis.del(key);
        }
    }
}
