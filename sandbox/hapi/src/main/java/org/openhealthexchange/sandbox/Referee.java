package org.openhealthexchange.sandbox;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ValidationOptions;
import ca.uhn.fhir.validation.ValidationResult;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/**
 * HAPI's R5 validator alone: POST a resource as JSON, get its OperationOutcome.
 *
 * <p>200 when there is no error in it, 422 when there is one, 400 when it cannot be read at all.
 * {@code ?profile=URL} judges by that profile too, whether the resource declares it or not.
 */
public final class Referee {

  private static final int THREADS = 2;
  private static final String PROFILE = "profile=";

  private final FhirContext context = FhirContext.forR5Cached();
  private final FhirValidator validator = context.newValidator().registerValidatorModule(rules(context));

  private Referee() {}

  /** Judges until the process is ended. */
  public static void main(String[] arguments) throws IOException {
    Life.begin();
    Referee referee = new Referee();
    HttpServer server = HttpServer.create(new InetSocketAddress(Settings.HOST, Settings.port()), 0);
    server.createContext("/", referee::answer);
    server.setExecutor(Executors.newFixedThreadPool(THREADS));
    server.start();
    Life.ready(server.getAddress().getPort());
  }

  private static FhirInstanceValidator rules(FhirContext context) {
    return new FhirInstanceValidator(
        new ValidationSupportChain(
            new DefaultProfileValidationSupport(context),
            new InMemoryTerminologyServerValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context),
            new SnapshotGeneratingValidationSupport(context)));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String resource = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    try {
      ValidationResult result = validator.validateWithResult(resource, options(exchange));
      String outcome = context.newJsonParser().encodeResourceToString(result.toOperationOutcome());
      send(exchange, result.isSuccessful() ? 200 : 422, "application/fhir+json", outcome);
    } catch (RuntimeException unreadable) {
      send(exchange, 400, "text/plain", String.valueOf(unreadable));
    }
  }

  private static ValidationOptions options(HttpExchange exchange) {
    ValidationOptions options = new ValidationOptions();
    String query = exchange.getRequestURI().getQuery();
    if (query != null && query.startsWith(PROFILE)) {
      options.addProfile(query.substring(PROFILE.length()));
    }
    return options;
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, content.length);
    exchange.getResponseBody().write(content);
    exchange.close();
  }
}
