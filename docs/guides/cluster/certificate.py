"""Makes the certificate with which scheduler, workers and study know each other.

`python docs/guides/cluster/certificate.py FOLDER` writes ca.pem and tls.pem there, for the
secret of kubernetes.yaml. Whoever has tls.pem can run code on the workers.
"""

import sys
from pathlib import Path

from distributed import Security

folder = Path(sys.argv[1])
security = Security.temporary()
folder.mkdir(mode=0o700, parents=True, exist_ok=True)
for name, text in {
    "ca.pem": security.tls_ca_file,
    "tls.pem": security.tls_client_key + security.tls_client_cert,
}.items():
    (folder / name).touch(mode=0o600)
    (folder / name).write_text(text, encoding="ascii")
