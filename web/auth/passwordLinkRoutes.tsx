import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { accountOfLink, usePasswordLink } from '../../client/passwordLinks.ts';
import { passwordProblem } from '../../client/passwords.ts';
import type { Store } from '../../store/connect.ts';
import { HttpError } from '../http/checks.ts';
import { pageText } from '../ui/layout.tsx';
import { Problem, Token } from '../ui/parts.tsx';
import type { Cookies } from './browser.ts';
import { formToken } from './routes.ts';

export interface PasswordLinkOptions {
  store: {
    accounts: Pick<Store['accounts'], 'get' | 'choosePassword'>;
    passwordLinks: Pick<Store['passwordLinks'], 'get' | 'end'>;
    auditEvents: Pick<Store['auditEvents'], 'add'>;
  };
  cookies: Cookies;
  now: () => Date;
}

/** The page behind a link by which the owner of an account chooses a password. */
const PASSWORD_LINK = '/choose-password';

const params = z.object({ token: z.string().max(100) });
const form = z.object({ token: z.string().max(100), fresh: z.string().max(1_000), again: z.string().max(1_000) });

/** Adds `/choose-password/:token`, where people choose their password by a link, once. Then they sign in with it. */
export async function passwordLinkRoutes(scope: FastifyInstance, options: PasswordLinkOptions): Promise<void> {
  const { store, cookies, now } = options;
  const config = { needs: 'nothing' } as const;

  scope.get(`${PASSWORD_LINK}/:token`, { config }, async (request, reply) => {
    const { token } = params.parse(request.params);
    const account = await accountOfLink(store, token, now());
    if (account === null) throw over();
    return html(reply, page({ csrf: formToken(cookies, request, reply), token, name: account.name }));
  });

  scope.post(PASSWORD_LINK, { config }, async (request, reply) => {
    const parsed = form.safeParse(request.body);
    if (!parsed.success) throw over();
    const { token, fresh, again } = parsed.data;
    const account = await accountOfLink(store, token, now());
    if (account === null) throw over();
    const problem = fresh === again ? passwordProblem(fresh, account.name) : 'the two passwords are not the same';
    if (problem !== null) {
      const csrf = formToken(cookies, request, reply);
      const text = `Choose another password: ${problem}.`;
      return html(reply.code(422), page({ csrf, token, name: account.name, problem: text }));
    }
    if (!(await usePasswordLink(store, token, fresh, { from: request.ip, at: now() }))) throw over();
    return reply.redirect('/sign-in', 303);
  });
}

function over(): HttpError {
  return new HttpError(404, 'link-over');
}

function html(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(text);
}

function page({ csrf, token, name, problem }: { csrf: string; token: string; name: string; problem?: string }): string {
  const wrong = problem === undefined ? {} : { 'aria-invalid': true, 'aria-describedby': 'problem' };
  const field = (of: string, label: string) => (
    <div class="field">
      <label for={of}>{label}</label>
      <input id={of} name={of} type="password" autocomplete="new-password" required {...wrong} />
    </div>
  );
  return pageText({
    title: 'Choose your password',
    who: null,
    children: (
      <div class="stack">
        <h1>Choose your password</h1>
        <Problem text={problem} />
        <form class="sheet" method="post" action={PASSWORD_LINK}>
          <Token csrf={csrf} />
          <input type="hidden" name="token" value={token} />
          <p>
            Your username is <strong>{name}</strong>.
          </p>
          {/* For password managers. */}
          <input type="hidden" name="username" value={name} autocomplete="username" />
          {field('fresh', 'Password, at least 12 characters')}
          {field('again', 'Password again')}
          <div class="row">
            <button class="first" type="submit">
              Save, then sign in
            </button>
          </div>
        </form>
        <p class="soft">The link works once. Nobody else sees your password.</p>
      </div>
    ),
  });
}
