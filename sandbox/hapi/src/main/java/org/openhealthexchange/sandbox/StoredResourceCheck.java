package org.openhealthexchange.sandbox;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationResult;
import java.util.stream.Collectors;
import org.hl7.fhir.instance.model.api.IBaseResource;

/** Validates each resource as it is stored, so that in a batch an invalid entry fails alone. */
@Interceptor
public final class StoredResourceCheck {

  private final FhirValidator validator;

  StoredResourceCheck(FhirValidator validator) {
    this.validator = validator;
  }

  /** Checks a resource that is new. */
  @Hook(Pointcut.STORAGE_PRESTORAGE_RESOURCE_CREATED)
  public void created(IBaseResource resource) {
    check(resource);
  }

  /** Checks a resource that takes the place of an older version. */
  @Hook(Pointcut.STORAGE_PRESTORAGE_RESOURCE_UPDATED)
  public void updated(IBaseResource older, IBaseResource resource) {
    check(resource);
  }

  private void check(IBaseResource resource) {
    ValidationResult result = validator.validateWithResult(resource);
    if (!result.isSuccessful()) {
      // Of an exception, an entry's answer keeps the message alone.
      throw new UnprocessableEntityException(errors(result), result.toOperationOutcome());
    }
  }

  private static String errors(ValidationResult result) {
    return result.getMessages().stream()
        .filter(message -> message.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0)
        .map(StoredResourceCheck::text)
        .collect(Collectors.joining("; "));
  }

  private static String text(SingleValidationMessage message) {
    return message.getLocationString() + ": " + message.getMessage();
  }
}
