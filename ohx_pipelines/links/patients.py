"""Patients who signed in.

Belongs here: their rows. Not here: whether the EHR knows them (the portal asks it).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ohx_pipelines.errors import NotFound, OhxError
from ohx_pipelines.links.models import PatientRow
from ohx_pipelines.links.part import Part, new_id
from ohx_pipelines.links.records import Patient


class PatientChanged(OhxError):
    """The same sign-in names another Patient than before: nobody's readings may change hands."""

    code = "patient_changed"


class Patients(Part):
    """Patients by our id and by sign-in."""

    def patient_signed_in(
        self, *, ehr_connection_id: str, fhir_id: str, issuer: str, subject: str
    ) -> Patient:
        """Get or create the patient of a sign-in; raises PatientChanged when it names another."""
        with Session(self.engine) as session, session.begin():
            session.execute(
                insert(PatientRow)
                .values(
                    id=new_id(),
                    ehr_connection_id=ehr_connection_id,
                    fhir_id=fhir_id,
                    issuer=issuer,
                    subject=subject,
                )
                .on_conflict_do_nothing(constraint="uq_patients_issuer_subject")
            )
            row = session.scalars(
                select(PatientRow).where(PatientRow.issuer == issuer, PatientRow.subject == subject)
            ).one()
            if (row.ehr_connection_id, row.fhir_id) != (ehr_connection_id, fhir_id):
                message = "this sign-in was linked to another record before"
                raise PatientChanged(message)
            return patient_record(row)

    def patient(self, patient_id: str) -> Patient:
        """Give a patient by our id; raises NotFound."""
        with Session(self.engine) as session:
            row = session.get(PatientRow, patient_id)
            if row is None:
                message = "there is no such patient"
                raise NotFound(message)
            return patient_record(row)


def patient_record(row: PatientRow) -> Patient:
    """Give a row as the record that other rooms see."""
    return Patient(id=row.id, ehr_connection_id=row.ehr_connection_id, fhir_id=row.fhir_id)
