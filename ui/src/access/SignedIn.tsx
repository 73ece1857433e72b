import type { ReactNode } from 'react';
import { Failure } from '../design/Failure';
import { SignInPage } from './SignInPage';
import { useSession } from './session';

/** Shows the console to whoever may see it, and the sign-in to everybody else. */
export function SignedIn({ children }: { children: ReactNode }) {
  const session = useSession();
  if (session.isError && !session.data) return <Failure error={session.error} retry={() => void session.refetch()} />;
  if (!session.data) return null;
  return session.data.required && !session.data.signedIn ? <SignInPage session={session.data} /> : children;
}
