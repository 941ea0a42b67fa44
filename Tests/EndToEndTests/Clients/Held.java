import java.net.URI;
import java.net.http.*;

/** One POST by Java's own client, through the proxy of its properties; prints status and body. */
public class Held {
    public static void main(String[] words) throws Exception {
        var client = HttpClient.newBuilder().proxy(java.net.ProxySelector.getDefault()).build();
        var request = HttpRequest.newBuilder(URI.create(words[0]))
            .POST(HttpRequest.BodyPublishers.ofString(words[1])).build();
        var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(answer.statusCode() + " " + answer.body());
    }
}
