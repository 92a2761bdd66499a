"""A linked account of whichever cloud, as a sync would hold it."""

from dataclasses import dataclass, field, replace


@dataclass
class Account:
    """A linked account's tokens, as a sync would hold them."""

    provider: object
    grant: object
    account: str = "link-1"
    renewals: list = field(default_factory=list)

    @property
    def scopes(self):
        return self.grant.scopes

    def current(self):
        return self.grant.access_token

    def renew(self, refused):
        self.renewals.append(refused)
        grant = self.provider.refresh(self.grant.refresh_token)
        # A vendor need not say again what it granted: the store keeps what it knows.
        self.grant = replace(grant, scopes=grant.scopes or self.grant.scopes)
        return self.grant.access_token
