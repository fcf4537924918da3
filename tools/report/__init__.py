from tools.report.export import export, read_results
from tools.report.metafiles import Row, record, summaries
from tools.report.runs import Run, read_run
from tools.report.tables import Tables, write_tables

__all__ = [
    'Row',
    'Run',
    'Tables',
    'export',
    'read_results',
    'read_run',
    'record',
    'summaries',
    'write_tables',
]
