import sys; sys.argv = ['keystone']
from keystone.server.wsgi import initialize_public_application
from wsgiref.simple_server import make_server
app = initialize_public_application()
def wrap(env, sr):
    if env['PATH_INFO'] != '/echo': return app(env, sr)
    sr('200 OK', [('content-type', 'text/plain')]); return ['\n'.join(f'{k}={v}' for k, v in sorted(env.items()) if k.startswith('HTTP_OIDC')).encode()]
make_server('127.0.0.1', 17500, wrap).serve_forever()
