// Maven: org.springframework.boot:spring-boot-starter-amqp
package greeting;

import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.AnonymousQueue;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class Greeting implements CommandLineRunner {
    private final RabbitTemplate rabbit;
    private final AmqpAdmin admin;

    Greeting(RabbitTemplate rabbit, AmqpAdmin admin) {
        this.rabbit = rabbit;
        this.admin = admin;
    }

    public static void main(String[] args) {
        SpringApplication.run(Greeting.class, args).close();
    }

    @Override
    public void run(String... args) {
        // spring.rabbitmq.host, .port, .virtual-host, .username, .password and .ssl.enabled are read by Spring Boot itself.
        String queue = admin.declareQueue(new AnonymousQueue());
        try {
            rabbit.convertAndSend(queue, "hello");
            System.out.println("ok: read '" + rabbit.receiveAndConvert(queue, 10_000) + "' from queue " + queue);
        } finally {
            admin.deleteQueue(queue);
        }
    }
}
