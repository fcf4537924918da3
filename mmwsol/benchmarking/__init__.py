from mmwsol.benchmarking.data_wait import DataWait, data_wait
from mmwsol.benchmarking.flops import count_flops
from mmwsol.benchmarking.matmul import Matmul
from mmwsol.benchmarking.measure import measure
from mmwsol.benchmarking.memory import peak_memory
from mmwsol.benchmarking.synthetic import pipeline_size, synthetic_batch
from mmwsol.benchmarking.table import table
from mmwsol.benchmarking.timing import alternate
from mmwsol.benchmarking.usage import Usage, growth, usage
from mmwsol.benchmarking.workload import Workload

__all__ = [
    'DataWait',
    'Matmul',
    'Usage',
    'Workload',
    'alternate',
    'count_flops',
    'data_wait',
    'growth',
    'measure',
    'peak_memory',
    'pipeline_size',
    'synthetic_batch',
    'table',
    'usage',
]
