// Maven: org.springframework.boot:spring-boot-starter-jdbc org.postgresql:postgresql
package greeting;

import java.util.UUID;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;

@SpringBootApplication
public class Greeting implements CommandLineRunner {
    private final JdbcTemplate db;

    Greeting(JdbcTemplate db) {
        this.db = db;
    }

    public static void main(String[] args) {
        SpringApplication.run(Greeting.class, args).close();
    }

    @Override
    public void run(String... args) {
        // spring.datasource.url, .username and .password are read by Spring Boot itself.
        String table = "greeting_" + UUID.randomUUID().toString().replace("-", "");
        db.execute("CREATE TABLE " + table + " (text varchar(100))");
        try {
            db.update("INSERT INTO " + table + " VALUES (?)", "hello");
            String text = db.queryForObject("SELECT text FROM " + table, String.class);
            System.out.println("ok: read '" + text + "' from table " + table);
        } finally {
            db.execute("DROP TABLE " + table);
        }
    }
}
