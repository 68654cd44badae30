# The operator: the control side alone, without torch, without a compiler, as a numeric user that needs to write
# nothing. From the repository's root: docker build -t ghcr.io/seedbed/operator:dev .
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY constraints.txt pyproject.toml ./
RUN python -m venv --without-pip /opt/seedbed \
 && python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; print(*p['dependencies'], *p['optional-dependencies']['operator'], sep='\n')" > requirements.txt \
 && python -m pip --python /opt/seedbed/bin/python install --no-compile --constraint constraints.txt --requirement requirements.txt
# Left out, half of the size: what only reports and the command line need, Optuna's databases, tests, all of
# Amazon's services but S3 and those that give credentials, of scipy and numpy what nothing here imports, and
# what only compilers and type checkers read.
RUN python -m pip --python /opt/seedbed/bin/python uninstall --yes --quiet \
      matplotlib contourpy cycler fonttools kiwisolver pillow pyparsing \
      rich pygments \
      sqlalchemy alembic mako \
 && cd /opt/seedbed/lib/python3.11/site-packages \
 && find . -type d -name tests -prune -exec rm -r {} + \
 && find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name s3 ! -name 'sso*' ! -name sts -exec rm -r {} + \
 && rm -r scipy/io scipy/signal scipy/odr scipy/cluster numpy/distutils numpy/_core/include \
 && find . -type f \( -name '*.pyi' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' -o -name '_simd.*.so' \) -delete
COPY README.md LICENSE ./
COPY operator operator
COPY runner-image/seedbed_runner runner-image/seedbed_runner
# The import compiles what an operator loads, and no more.
RUN python -m pip --python /opt/seedbed/bin/python install --no-compile --no-deps . \
 && /opt/seedbed/bin/python -c "import seedbed.cluster.operator"

FROM python:3.11-slim-bookworm
COPY --from=build /opt/seedbed /opt/seedbed
ENV PATH=/opt/seedbed/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp
USER 65532:65532
ENTRYPOINT ["seedbed-operator"]
