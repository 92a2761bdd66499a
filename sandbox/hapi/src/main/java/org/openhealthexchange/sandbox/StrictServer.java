package org.openhealthexchange.sandbox;

import ca.uhn.fhir.rest.server.RestfulServer;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * A strict FHIR R5 server for tests: HAPI's JPA server on a database in memory, at {@code /fhir}.
 *
 * <p>It knows nothing when it starts and forgets everything when it ends.
 */
public final class StrictServer {

  private StrictServer() {}

  /** Serves until the process is ended. */
  public static void main(String[] arguments) throws Exception {
    Life.begin();
    var beans = new AnnotationConfigApplicationContext(StrictServerBeans.class);
    ServerConnector connector = serve(beans.getBean(RestfulServer.class));
    Life.ready(connector.getLocalPort());
  }

  private static ServerConnector serve(RestfulServer fhir) throws Exception {
    Server jetty = new Server();
    ServerConnector connector = new ServerConnector(jetty);
    connector.setHost(Settings.HOST);
    connector.setPort(Settings.port());
    jetty.addConnector(connector);
    ServletContextHandler handler = new ServletContextHandler("/");
    handler.addServlet(new ServletHolder(fhir), "/fhir/*");
    jetty.setHandler(handler);
    jetty.start();
    return connector;
  }
}
