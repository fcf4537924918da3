from mmwsol.preparation.archives import check_archive
from mmwsol.preparation.files import check_files
from mmwsol.preparation.findings import Findings
from mmwsol.preparation.images import check_images

__all__ = ['Findings', 'check_archive', 'check_files', 'check_images']
