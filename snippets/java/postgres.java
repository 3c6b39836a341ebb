// Maven: org.postgresql:postgresql
import java.sql.DriverManager;
import java.util.UUID;

public class Postgres {
    public static void main(String[] args) throws Exception {
        String url = System.getenv("@CONNECTIONSTRING@");
        String table = "greeting_" + UUID.randomUUID().toString().replace("-", "");
        try (var connection = DriverManager.getConnection(url); var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE " + table + " (text varchar(100))");
            try {
                try (var insert = connection.prepareStatement("INSERT INTO " + table + " VALUES (?)")) {
                    insert.setString(1, "hello");
                    insert.executeUpdate();
                }
                try (var rows = statement.executeQuery("SELECT text FROM " + table)) {
                    rows.next();
                    System.out.println("ok: read '" + rows.getString(1) + "' from table " + table);
                }
            } finally {
                statement.execute("DROP TABLE " + table);
            }
        }
    }
}
