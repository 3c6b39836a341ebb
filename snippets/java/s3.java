// Maven: software.amazon.awssdk:s3
import java.util.UUID;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

public class S3 {
    public static void main(String[] args) {
        String bucket = System.getenv("@S3_BUCKET@");
        String key = "greeting-" + UUID.randomUUID();
        // The client reads AWS_ENDPOINT_URL_S3, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY itself.
        try (var s3 = S3Client.builder().forcePathStyle(true).build()) {
            s3.putObject(request -> request.bucket(bucket).key(key), RequestBody.fromString("hello"));
            try {
                var object = s3.getObjectAsBytes(request -> request.bucket(bucket).key(key));
                System.out.println("ok: read '" + object.asUtf8String() + "' from object " + key);
            } finally {
                s3.deleteObject(request -> request.bucket(bucket).key(key));
            }
        }
    }
}
