package org.openhealthexchange.sandbox;

import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings.ClientIdStrategyEnum;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings.IdStrategyEnum;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.config.HapiJpaConfig;
import ca.uhn.fhir.jpa.config.r5.JpaR5Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.interceptor.UserRequestRetryVersionConflictsInterceptor;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.narrative2.NullNarrativeGenerator;
import ca.uhn.fhir.parser.StrictErrorHandler;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.interceptor.RequestValidatingInterceptor;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import ca.uhn.fhir.validation.IInstanceValidatorModule;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import jakarta.persistence.EntityManagerFactory;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.commons.dbcp2.BasicDataSource;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

/**
 * The parts of the server that HAPI leaves to whoever assembles it.
 *
 * <p>The batch and subscription rooms are imported because the JPA rooms ask for their beans; no job
 * ever runs ({@code -Dscheduling_disabled=true} keeps the scheduler still).
 */
@Configuration
@Import({
  JpaR5Config.class,
  HapiJpaConfig.class,
  ThreadPoolFactoryConfig.class,
  JpaBatch2Config.class,
  Batch2JobsConfig.class,
  SubscriptionChannelConfig.class
})
public class StrictServerBeans {

  private static final int PAGE_SIZE = 100;
  private static final int LARGEST_PAGE = 1000;
  private static final int MOST_DATABASE_CONNECTIONS = 20;

  @Bean
  JpaStorageSettings storageSettings() {
    JpaStorageSettings settings = new JpaStorageSettings();
    settings.setResourceClientIdStrategy(ClientIdStrategyEnum.ANY);
    settings.setResourceServerIdStrategy(IdStrategyEnum.UUID);
    settings.setEnforceReferentialIntegrityOnWrite(true);
    settings.setEnforceReferentialIntegrityOnDelete(true);
    settings.setAllowExternalReferences(false);
    settings.setAllowMultipleDelete(true);
    // A search right after a write must see it.
    settings.setReuseCachedSearchResultsForMillis(null);
    settings.setSchedulingDisabled(true);
    return settings;
  }

  @Bean
  PartitionSettings partitionSettings() {
    return new PartitionSettings();
  }

  @Bean
  DataSource dataSource() {
    BasicDataSource source = new BasicDataSource();
    source.setDriver(new org.h2.Driver());
    source.setUrl("jdbc:h2:mem:r5;DB_CLOSE_DELAY=-1");
    source.setUsername("sa");
    source.setPassword("");
    source.setMaxTotal(MOST_DATABASE_CONNECTIONS);
    return source;
  }

  @Bean
  LocalContainerEntityManagerFactoryBean entityManagerFactory(
      DataSource source,
      ConfigurableListableBeanFactory beans,
      FhirContext context,
      JpaStorageSettings storage) {
    var factory = HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, context, storage);
    factory.setPersistenceUnitName("HAPI_PU");
    factory.setDataSource(source);
    factory.setJpaPropertyMap(
        Map.of(
            "hibernate.dialect", HapiFhirH2Dialect.class.getName(),
            "hibernate.hbm2ddl.auto", "update",
            "hibernate.search.enabled", "false",
            "hibernate.jdbc.batch_size", "20"));
    return factory;
  }

  @Bean
  JpaTransactionManager transactionManager(EntityManagerFactory factory) {
    return new JpaTransactionManager(factory);
  }

  @Bean
  RestfulServer restfulServer(
      FhirContext context,
      ResourceProviderFactory resources,
      IJpaSystemProvider system,
      DatabaseBackedPagingProvider paging,
      CapabilitiesOf capabilities,
      IInstanceValidatorModule validator) {
    context.setNarrativeGenerator(new NullNarrativeGenerator());
    RestfulServer server = new RestfulServer(context);
    server.registerProviders(resources.createProviders());
    server.registerProvider(system);
    server.setServerConformanceProvider(capabilities.server(server));
    paging.setDefaultPageSize(PAGE_SIZE);
    paging.setMaximumPageSize(LARGEST_PAGE);
    server.setPagingProvider(paging);
    server.registerInterceptor(new UserRequestRetryVersionConflictsInterceptor());
    validate(server, context, validator);
    return server;
  }

  private static void validate(
      RestfulServer server, FhirContext context, IInstanceValidatorModule validator) {
    switch (Settings.validation()) {
      case REQUEST -> server.registerInterceptor(requestCheck(validator));
      case STORE -> {
        // Otherwise the parser drops what it does not know before anybody can object.
        context.setParserErrorHandler(new StrictErrorHandler());
        server.registerInterceptor(
            new StoredResourceCheck(context.newValidator().registerValidatorModule(validator)));
      }
      case NONE -> {}
    }
  }

  private static RequestValidatingInterceptor requestCheck(IInstanceValidatorModule validator) {
    RequestValidatingInterceptor check = new RequestValidatingInterceptor();
    check.setFailOnSeverity(ResultSeverityEnum.ERROR);
    check.setValidatorModules(List.of(validator));
    return check;
  }

  /** What the CapabilityStatement is told from. */
  @Bean
  CapabilitiesOf capabilitiesOf(
      IFhirSystemDao<?, ?> system,
      JpaStorageSettings storage,
      ISearchParamRegistry searches,
      IValidationSupport support) {
    return server ->
        new JpaCapabilityStatementProvider(server, system, storage, searches, support);
  }

  /** Makes the provider of the CapabilityStatement of a server. */
  interface CapabilitiesOf {
    JpaCapabilityStatementProvider server(RestfulServer server);
  }
}
