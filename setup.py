"""Packaging of mmwsol."""

from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
VERSION: dict = {}
exec((HERE / 'mmwsol/version.py').read_text(encoding='utf-8'), VERSION)
# docs/pictures.md, and what exported models are compared on
PHOTOGRAPHS = ['scikit-image']
# tools/export_onnx.py
ONNX = ['torch>=2.6', 'onnx', 'onnxruntime', 'onnxscript', *PHOTOGRAPHS]
# tools/web_demo.py
WEB = ['gradio>=6']
# tools/average_precision.py
COCO = ['pycocotools']
# mmwsol/models/map_makers; later versions bring opencv-python-headless, whose files take the
# place of opencv-python's
CAM = ['grad-cam>=1.5,<1.5.6']
# readers of other people that exported boxes are read back with; later versions of
# label-studio-sdk ask for an older OpenCV and NumPy
READERS = ['supervision>=0.31', 'label-studio-sdk==1.0.12', *COCO]
# make docs
DOCS = ['mkdocs-material==9.*', 'mkdocstrings[python]']
# what a wheel carries besides the package; the laboratory's tools (tools/report and the
# like, configs/_plans) are for a checkout
RECIPES = ['model-index.yml', 'configs/**/*', 'tools/*', 'tools/prepare/*']
LEFT_OUT = ['configs/_plans/*', '*/__init__.py', '*.pyc']


class BuildWithRecipes(build_py):
    """Copies configs and tools to where OpenMMLab's packages have theirs."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:  # the checkout's own are used
            return
        for file in sorted({f for pattern in RECIPES for f in HERE.glob(pattern)}):
            name = file.relative_to(HERE)
            if file.is_file() and not any(name.match(p) for p in LEFT_OUT):
                target = Path(self.build_lib, 'mmwsol/.mim', name)
                self.mkpath(str(target.parent))
                self.copy_file(str(file), str(target))


setup(
    name='mmwsol',
    version=VERSION['__version__'],
    description='Weakly supervised object localization for mmpretrain',
    long_description=(HERE / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license='Apache-2.0',
    packages=find_packages(include=['mmwsol', 'mmwsol.*']),
    package_data=dict(mmwsol=['py.typed']),
    cmdclass=dict(build_py=BuildWithRecipes),
    entry_points=dict(console_scripts=['mmwsol = mmwsol.__main__:main']),
    python_requires='>=3.10',
    # mmengine, mmpretrain and mmcv come in flavours that provide the same modules
    # (mmcv, mmcv-lite, onedl-*); which one is the user's choice, so none is pinned here.
    # `import mmwsol` checks that a fitting one is present.
    install_requires=[
        'torch>=2.1',
        'torchvision',
        'numpy',
        'opencv-python',
        'numba',
        'matplotlib',
        'pillow',
        'rich',
        'filelock',
        'packaging',
        'pyyaml',
    ],
    extras_require={
        'onnx': ONNX,
        'host': [
            'mmengine==0.10.7',
            'mmcv-lite==2.2.0',
            'mmpretrain==1.2.0',
            'setuptools<81',
        ],
        'web': WEB,
        'coco': COCO,
        'cam': CAM,
        'docs': DOCS,
        'tests': [*READERS, *CAM],
        'dev': [
            *ONNX,
            *WEB,
            *DOCS,
            *READERS,
            *CAM,
            'codespell[toml]',
            'pytest>=7',
            'pytest-cov',
            'pytest-xdist',
            'hypothesis',
            'ruff==0.14.*',
            'mypy==2.*',
            'types-PyYAML',
            'pre-commit',
            'modelindex',
            'psutil',
            'pydantic>=2',
        ],
    },
)
