package org.openhealthexchange.sandbox;

import java.io.IOException;
import java.io.OutputStream;

/** A process's life as whoever started it sees it: one line when ready, the end with its input. */
final class Life {

  private Life() {}

  /**
   * Ends the process once its standard input ends, for then whoever started it is gone, and when
   * its start fails: threads that began already would keep it alive.
   */
  static void begin() {
    Thread.currentThread().setUncaughtExceptionHandler(Life::fail);
    Thread watcher = new Thread(Life::endWithInput, "end-with-input");
    watcher.setDaemon(true);
    watcher.start();
  }

  /** Says in one JSON line where the process listens and what its start took. */
  static void ready(int port) {
    double cpuSeconds =
        ProcessHandle.current().info().totalCpuDuration().map(d -> d.toMillis() / 1000.0).orElse(0.0);
    System.out.println("{\"port\": " + port + ", \"cpu_seconds\": " + cpuSeconds + "}");
  }

  private static void endWithInput() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException gone) {
      // The same: nobody is there any more.
    }
    Runtime.getRuntime().halt(0);
  }

  private static void fail(Thread thread, Throwable error) {
    error.printStackTrace();
    Runtime.getRuntime().halt(1);
  }
}
