"use client";

export default function Failed({ error }) {
  return (
    <>
      <h1>That went wrong.</h1>
      <p>{error.message}</p>
      <p className="actions">
        <a className="button" href="">
          Try again
        </a>
      </p>
    </>
  );
}
