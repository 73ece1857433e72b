import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Problem } from '../api/problem';
import classes from './Access.module.css';
import { type Session, signIn } from './session';

/** Stands in place of the console until somebody is signed in. */
export function SignInPage({ session }: { session: Session }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState(new URLSearchParams(window.location.search).get('problem') ?? '');
  const [busy, setBusy] = useState(false);
  const back = window.location.pathname === '/sign-in' ? '/' : window.location.pathname + window.location.search;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      await signIn(name, password);
      // Loaded anew, so that nothing of whoever was here before is left in memory.
      window.location.assign(back);
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : 'Signing in failed.');
      setBusy(false);
    }
  };
  return (
    <main className={classes.signIn}>
      <form className={classes.card} onSubmit={(event) => void submit(event)}>
        <img src="/waybill.svg" alt="" width={32} height={32} />
        <h1>Sign in to Waybill</h1>
        {problem && (
          <p role="alert" className={classes.problem}>
            {problem}
          </p>
        )}
        {session.passwords && (
          <>
            <TextInput
              label="Name"
              autoComplete="username"
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              required
              autoFocus
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              required
            />
            <Button type="submit" variant="filled" loading={busy} fullWidth>
              Sign in
            </Button>
          </>
        )}
        {session.oidc && (
          <Button component="a" href={`${session.oidc.url}?to=${encodeURIComponent(back)}`} fullWidth>
            Sign in with {session.oidc.name}
          </Button>
        )}
      </form>
    </main>
  );
}
