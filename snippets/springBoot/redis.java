// Maven: org.springframework.boot:spring-boot-starter-data-redis
package greeting;

import java.util.UUID;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.data.redis.core.StringRedisTemplate;

@SpringBootApplication
public class Greeting implements CommandLineRunner {
    private final StringRedisTemplate redis;

    Greeting(StringRedisTemplate redis) {
        this.redis = redis;
    }

    public static void main(String[] args) {
        SpringApplication.run(Greeting.class, args).close();
    }

    @Override
    public void run(String... args) {
        // spring.data.redis.* (Spring Boot 3) or spring.redis.* (Spring Boot 2) are read by Spring Boot itself.
        String key = "greeting-" + UUID.randomUUID();
        redis.opsForValue().set(key, "hello");
        System.out.println("ok: read '" + redis.opsForValue().get(key) + "' from key " + key);
        redis.delete(key);
    }
}
