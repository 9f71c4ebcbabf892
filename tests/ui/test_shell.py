import subprocess
import sys

HEAVY = ("torch", "transformers", "openvino", "faiss", "sqlalchemy")


def test_the_pages_load_no_model_and_no_database():
    code = (
        "import sys, ui.shell, ui.pages, apps.customer_service.dashboard; from core.app import installed_apps; "
        f"installed_apps(); print([name for name in {HEAVY} if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.strip() == "[]"
