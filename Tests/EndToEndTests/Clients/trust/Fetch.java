import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** One GET by each of Java's own clients, with what the machine's Java trusts. */
class Fetch {
    public static void main(String[] arguments) throws Exception {
        String old = new String(new URL(arguments[0]).openStream().readAllBytes());
        HttpRequest request = HttpRequest.newBuilder(URI.create(arguments[0])).build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(old + answer.body());
        System.exit(0);
    }
}
