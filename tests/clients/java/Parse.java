import com.azure.core.util.logging.ClientLogger;
import com.azure.storage.common.implementation.connectionstring.StorageConnectionString;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.mongodb.ConnectionString;
import com.mysql.cj.conf.ConnectionUrl;
import com.rabbitmq.client.ConnectionFactory;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * Tells what each Java library's own parser makes of a connection string: reads JSON lines
 * {"format": "…", "text": "…"} and prints for each one JSON line of its parts, or {"error": "…"}.
 */
public class Parse {
    public static void main(String[] args) throws Exception {
        var json = new ObjectMapper();
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var answers = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line; (line = lines.readLine()) != null; ) {
            if (line.isBlank()) {
                continue;
            }
            Map<String, Object> answer;
            try {
                JsonNode question = json.readTree(line);
                answer = parse(question.get("format").asText(), question.get("text").asText());
            } catch (Exception | StackOverflowError e) {
                answer = Map.of("error", e.toString());
            }
            answers.print(json.writeValueAsString(answer) + "\n");
            answers.flush();
        }
    }

    static Map<String, Object> parse(String format, String text) throws Exception {
        return switch (format) {
            case "postgres-jdbc" -> {
                Properties found = org.postgresql.Driver.parseURL(text, new Properties());
                if (found == null) {
                    throw new IllegalArgumentException("the driver doesn't take this URL");
                }
                yield parts("host", found.getProperty("PGHOST"), "port", found.getProperty("PGPORT"),
                    "database", found.getProperty("PGDBNAME"), "user", found.getProperty("user"),
                    "password", found.getProperty("password"), "sslmode", found.getProperty("sslmode"));
            }
            case "mysql-jdbc" -> {
                var host = ConnectionUrl.getConnectionUrlInstance(text, new Properties()).getMainHost();
                yield parts("host", host.getHost(), "port", host.getPort(), "database", host.getDatabase(),
                    "user", host.getUser(), "password", host.getPassword(),
                    "sslMode", host.getHostProperties().get("sslMode"));
            }
            case "sqlserver-jdbc" -> {
                // The driver's own parser isn't public.
                var parser = Class.forName("com.microsoft.sqlserver.jdbc.Util")
                    .getDeclaredMethod("parseUrl", String.class, java.util.logging.Logger.class);
                parser.setAccessible(true);
                Properties found;
                try {
                    found = (Properties) parser.invoke(null, text, java.util.logging.Logger.getAnonymousLogger());
                } catch (java.lang.reflect.InvocationTargetException e) {
                    throw (Exception) e.getCause();
                }
                yield parts("host", found.getProperty("serverName"), "port", found.getProperty("portNumber"),
                    "database", found.getProperty("databaseName"), "user", found.getProperty("user"),
                    "password", found.getProperty("password"));
            }
            case "redis-url" -> {
                var uri = URI.create(text);
                yield parts("host", uri.getHost(), "port", uri.getPort(), "user", JedisURIHelper.getUser(uri),
                    "password", JedisURIHelper.getPassword(uri), "database", JedisURIHelper.getDBIndex(uri),
                    "tls", JedisURIHelper.isRedisSSLScheme(uri));
            }
            case "mongodb-url" -> {
                var found = new ConnectionString(text);
                var password = found.getPassword();
                var credential = found.getCredential();
                yield parts("hosts", found.getHosts(), "user", found.getUsername(),
                    "password", password == null ? null : new String(password), "database", found.getDatabase(),
                    "authSource", credential == null ? null : credential.getSource(), "tls", found.getSslEnabled());
            }
            case "amqp-url" -> {
                var factory = new ConnectionFactory();
                factory.setUri(text);
                yield parts("host", factory.getHost(), "port", factory.getPort(), "user", factory.getUsername(),
                    "password", factory.getPassword(), "vhost", factory.getVirtualHost(), "tls", factory.isSSL());
            }
            case "jaas" -> {
                var context = JaasContext.loadClientContext(Map.of("sasl.jaas.config", new Password(text)));
                var entry = context.configurationEntries().get(0);
                yield parts("module", entry.getLoginModuleName(), "user", entry.getOptions().get("username"),
                    "password", entry.getOptions().get("password"));
            }
            case "storage" -> {
                var found = StorageConnectionString.create(text, new ClientLogger(Parse.class));
                yield parts("account", found.getStorageAuthSettings().getAccount().getName(),
                    "key", found.getStorageAuthSettings().getAccount().getAccessKey(),
                    "blob", found.getBlobEndpoint() == null ? null : found.getBlobEndpoint().getPrimaryUri(),
                    "queue", found.getQueueEndpoint() == null ? null : found.getQueueEndpoint().getPrimaryUri(),
                    "table", found.getTableEndpoint() == null ? null : found.getTableEndpoint().getPrimaryUri());
            }
            default -> throw new IllegalArgumentException("unknown format " + format);
        };
    }

    static Map<String, Object> parts(Object... pairs) {
        var parts = new LinkedHashMap<String, Object>();
        for (int i = 0; i < pairs.length; i += 2) {
            Object value = pairs[i + 1];
            parts.put((String) pairs[i], value instanceof URI ? value.toString() : value);
        }
        return parts;
    }
}
