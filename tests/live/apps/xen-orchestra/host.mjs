// stand-in for Xen Orchestra's OIDC login on the same libraries. PUT /__conf {plug-in settings, users?, groups?}; GET /__state; GET /signin/oidc
import express from 'express'; import session from 'express-session'; import cookies from 'cookie-parser'; import flash from 'connect-flash'; import passport from 'passport'; import oidc from 'passport-openidconnect';
const app = express(); app.set('trust proxy', () => false);                     // a function: the library then honours X-Forwarded-* whatever it returns
app.use(cookies('s'), session({ secret: 's', resave: false, saveUninitialized: false }), flash(), passport.initialize());
let users = [], groups = [], n = 0, on = false; const WK = '/.well-known/openid-configuration';
const register = (pid, id, name) => { for (const v of [id, name]) if (typeof v !== 'string' || v === '') throw new Error(`'${typeof v}' == 'string'`);
  let u = users.find((x) => x.ids?.[pid] === id), same = users.find((x) => x.name === name);
  if (u && u.name === name) return u;                                            // known and up to date
  u ??= same; if (!u) users.push(u = { id: `u${++n}`, name, ids: {} });          // unknown: taken over by name, else created
  else if (Object.keys(u.ids ?? {}).length < 2 && !same) u.name = name;
  u.ids = { ...u.ids, [pid]: id }; u.password = null; return u; };
const sync = (u, want) => { for (const g of groups) if (g.provider === 'oidc' && !want.includes(g.name)) g.users = g.users.filter((x) => x !== u.id);
  for (const w of want) { let g = groups.find((x) => x.provider === 'oidc' && x.name === w); if (!g) groups.push(g = { name: w, provider: 'oidc', users: [] }); if (!g.users.includes(u.id)) g.users.push(u.id); } };
async function load({ discoveryURL, clientID, clientSecret, advanced: a = {} }) {
  const o = { callbackURL: '/signin/oidc/callback', scope: 'profile', ...a, clientID, clientSecret }, field = a.usernameField ?? 'username';
  const get = async (u) => { const r = await fetch(u); if (!r.ok) throw new Error(`${r.status} ${r.statusText}`); return r.json(); };
  if (discoveryURL) { const d = discoveryURL.endsWith(WK) ? await get(discoveryURL) : await get(discoveryURL.replace(/\/+$/, '') + WK).catch(() => get(discoveryURL));
    o.issuer ||= d.issuer; o.authorizationURL ||= d.authorization_endpoint; o.tokenURL ||= d.token_endpoint; o.userInfoURL ||= d.userinfo_endpoint; }
  passport.use('oidc', new oidc.Strategy(o, (issuer, profile, _ctx, idToken, done) => {   // five parameters: the library then never calls userinfo
    try { const c = JSON.parse(Buffer.from(idToken.split('.')[1], 'base64')), u = register(`oidc:${issuer}`, profile.id, field === 'email' ? profile.emails[0].value : profile[field]); sync(u, [c.groups ?? []].flat()); done(null, u); } catch (e) { done(e.message); } }));
  on = true; }
app.put('/__conf', express.json({ type: () => true }), async (q, r) => { users = q.body.users ?? []; groups = q.body.groups ?? []; on = false; passport.unuse('oidc'); try { await load(q.body); r.json({ loaded: true }); } catch (e) { r.json({ loaded: false, error: `${e.name}: ${e.message}${e.cause ? ' / ' + e.cause.code : ''}` }); } });
app.get('/__state', (q, r) => r.json({ users, groups }));
app.get('/signin', (q, r) => r.send(`signin error=${q.flash('error')[0]} button=${on}`));
app.use((q, r, next) => { if (!/^\/signin\/oidc(\/callback)?(\?.*)?$/.test(q.url)) return q.cookies.token ? r.send('home ' + q.cookies.token) : r.redirect('/signin');
  passport.authenticate('oidc', (err, u, info) => { if (err) return next(err); if (!u) { q.flash('error', info?.message ?? 'Invalid credentials'); return r.redirect(303, '/signin'); } r.cookie('token', u.id); r.redirect(303, '/'); })(q, r, next); });
app.listen(+(process.env.PORT ?? 8080), '127.0.0.1');
