package org.openhealthexchange.sandbox;

import java.util.Locale;

/** What the processes can be told: system properties that begin with {@code sandbox.}. */
final class Settings {

  static final String HOST = "127.0.0.1";

  /** When the server validates what it is sent. */
  enum Validation {
    /** Each request as a whole: one invalid entry costs its Bundle. */
    REQUEST,
    /** Each resource as it is stored: in a batch an invalid entry costs itself alone. */
    STORE,
    /** Never. */
    NONE
  }

  private Settings() {}

  /** The port to listen on; 0, the default, takes a free one. */
  static int port() {
    return Integer.getInteger("sandbox.port", 0);
  }

  /** When to validate; with each request by default. */
  static Validation validation() {
    String said = System.getProperty("sandbox.validation", "request");
    return Validation.valueOf(said.toUpperCase(Locale.ROOT));
  }
}
