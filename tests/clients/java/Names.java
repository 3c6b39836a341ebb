import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * Tells for each property name on standard input whether the Spring libraries on the class path know it, by the
 * metadata in their jars, and whether it can be bound to the class that the metadata names.
 */
public class Names {
    static final Map<String, Map<String, Object>> properties = new TreeMap<>();
    static final Map<String, String> groups = new TreeMap<>();

    public static void main(String[] args) throws Exception {
        var found = new PathMatchingResourcePatternResolver()
            .getResources("classpath*:META-INF/*spring-configuration-metadata.json");
        for (var file : found) {
            String text = new String(file.getInputStream().readAllBytes(), "UTF-8");
            var metadata = JsonParserFactory.getJsonParser().parseMap(text);
            for (var property : entries(metadata, "properties")) {
                properties.merge((String) property.get("name"), property,
                    (one, other) -> one.containsKey("deprecated") ? other : one);
            }
            for (var group : entries(metadata, "groups")) {
                groups.put((String) group.get("name"), (String) group.get("type"));
            }
        }
        for (String line : new String(System.in.readAllBytes(), "UTF-8").lines().toList()) {
            if (!line.isBlank()) {
                System.out.println(line.strip() + "\t" + judge(line.strip()));
            }
        }
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> entries(Map<String, Object> metadata, String kind) {
        return ((List<Object>) metadata.getOrDefault(kind, List.of())).stream()
            .map(entry -> (Map<String, Object>) entry).collect(Collectors.toCollection(ArrayList::new));
    }

    static String judge(String name) {
        var property = properties.get(name);
        if (property != null && property.get("deprecation") instanceof Map<?, ?> deprecation) {
            Object instead = deprecation.get("replacement");
            String word = "error".equals(deprecation.get("level")) ? "removed" : "deprecated";
            return word + (instead == null ? "" : " (" + instead + ")");
        }
        if (property != null) {
            return "known" + bound(property, name, (String) property.get("type"));
        }
        for (int end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
            var outer = properties.get(name.substring(0, end));
            if (outer != null && String.valueOf(outer.get("type")).startsWith("java.util.Map")) {
                return "known" + bound(outer, name, "java.lang.String") + " in the map " + outer.get("name");
            }
        }
        return "unknown";
    }

    /** Binds the name to a class that the metadata gives for one of its groups, the inner ones first. */
    static String bound(Map<String, Object> property, String name, String type) {
        String known = (String) property.get("name");
        String target = (String) property.get("sourceType");
        String answer = "";
        for (int end = known.lastIndexOf('.'); end > 0; end = known.lastIndexOf('.', end - 1)) {
            String group = known.substring(0, end);
            target = groups.getOrDefault(group, target);
            if (target == null) {
                continue;
            }
            try {
                var values = new MapConfigurationPropertySource(Map.of(name, sample(type)));
                new Binder(values).bind(group, Bindable.of(Class.forName(target)),
                    new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
                return ", binds";
            } catch (Exception | LinkageError e) {
                if (answer.isEmpty()) {
                    Throwable cause = e.getCause() == null ? e : e.getCause();
                    answer = ", not bound: " + String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
                }
            }
            target = null;
        }
        return answer;
    }

    static String sample(String type) {
        return switch (String.valueOf(type)) {
            case "java.lang.Boolean" -> "true";
            case "java.lang.Integer", "java.lang.Long" -> "1";
            case "java.time.Duration" -> "1s";
            default -> "x";
        };
    }
}
